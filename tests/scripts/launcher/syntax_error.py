print("never"
def
