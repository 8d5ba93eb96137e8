#!/bin/sh
until mysql_config --version; do sleep 1; done
