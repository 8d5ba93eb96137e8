#!/usr/bin/env python3
import sys

from lxml import etree

tree = etree.parse(sys.stdin.buffer)
print(len(tree.findall(f".//{sys.argv[1]}")), "elements")
