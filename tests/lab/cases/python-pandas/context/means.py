import sys

import pandas

numbers = pandas.read_csv(sys.argv[1])
print(f"mean {numbers.value.mean()} of {len(numbers)}")
