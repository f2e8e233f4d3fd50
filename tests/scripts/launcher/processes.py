import multiprocessing
import os
import sys


def work(number):
    import torch

    ours = [name for name in os.environ if "CHAINRULE" in name]
    return number * number, ours, os.environ.get("PYTHONPATH"), len(sys.meta_path), sys.argv


if __name__ == "__main__":
    if "early" in sys.argv:
        import torch
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        print(pool.map(work, range(3)))
    process = context.Process(target=sys.exit, args=(5,))
    process.start()
    process.join()
    print(process.exitcode)
