"""What is known of each problem before it is minimised: its optimum, its spectrum, its card."""
