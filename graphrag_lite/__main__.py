"""`python -m graphrag_lite` is `grl`."""

from graphrag_lite.cli.app import main

if __name__ == "__main__":
    main()
