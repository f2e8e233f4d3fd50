import importlib

importlib.import_module("torch")
