"""The two lines that put a map into another site's page."""

from html import escape

__all__ = ["embed_snippet"]


def embed_snippet(base: str, address: str, query: str, title: str, height: int) -> str:
    """Return the two lines that put a map into a page: the frame, and a link for where it is not."""
    at, words = escape(f"{base}/embed/{address}{query}"), escape(title)
    view = escape(f"{base}/view/{address}{query}")
    return (
        f'<iframe src="{at}" title="{words}" width="100%" height="{height}" loading="lazy" '
        'style="border:0"></iframe>\n'
        f'<p><a href="{view}">{words}</a></p>'
    )
