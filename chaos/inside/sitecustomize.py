"""Loaded by Python itself in processes of the app that a stage has started: see chaos/points.py."""

import os
import sys

if os.environ.get("CHAOS_FOLDER") and ("saleor_loyalty_app" in sys.orig_argv or "--multiprocessing-fork" in sys.argv):
    from chaos.within import install

    install()
