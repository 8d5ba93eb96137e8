set -e
chown -R nobody /data
exec sleep infinity
