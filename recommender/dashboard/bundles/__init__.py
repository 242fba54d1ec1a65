"""The bundles of the model store, as the pages see them: loaded, examined, packed."""
