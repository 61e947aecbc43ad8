"""The report as pages and files: HTML, Markdown, CSV, LaTeX, frames, and the terminal."""
