#!/bin/bash
apt-get install -y curl
