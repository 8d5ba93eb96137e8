import sys

from num2words import num2words

print(num2words(int(sys.argv[1])))
