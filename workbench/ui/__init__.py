"""The page: everything that draws with Gradio."""
