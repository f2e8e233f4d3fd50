def fail(number):
    raise ValueError(number)


errors = []
for i in range(2):
    try:
        fail(i)
    except ValueError as error:
        errors.append(error)
raise ExceptionGroup("two", errors)
