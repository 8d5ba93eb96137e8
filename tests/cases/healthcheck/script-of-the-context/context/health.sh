#!/bin/sh
exec curl -fs http://localhost:3000/health
