import logging
import warnings

import torch

logging.basicConfig(level=logging.INFO)
logging.info("to stderr")
warnings.warn("careful")
warnings.warn("deprecated", DeprecationWarning)
print("to stdout")
