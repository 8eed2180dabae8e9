"""`python -m saleor_loyalty_app` is the command `saleor-loyalty`."""

from saleor_loyalty_app.cli import main

if __name__ == "__main__":
    main()
