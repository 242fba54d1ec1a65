"""The pages. Each folder: `view.py` works out what is shown, `page.py` draws it, `download.py` takes it along."""
