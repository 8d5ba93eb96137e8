import psycopg2
from psycopg2.extensions import libpq_version

version = libpq_version()
print("libpq", version // 10000)
try:
    psycopg2.connect("host=127.0.0.1 port=1 connect_timeout=2")
except psycopg2.OperationalError as reason:
    print("refused" if "refused" in str(reason) else reason)
