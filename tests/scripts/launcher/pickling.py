import pickle


class Point:
    x = 1


def function():
    return 1


print(pickle.dumps([Point, Point(), function]))
print(pickle.loads(pickle.dumps(Point())).x, Point.__module__, __name__)
