"""The page against Gradio and Streamlit apps that do the same job, in one browser."""
