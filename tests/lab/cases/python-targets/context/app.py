import sys

import six

print(sys.argv[1], "with", len([six]), "dependency")
