import sys

from lxml import etree

print(",".join(etree.parse(sys.stdin.buffer).xpath("//i/text()")))
