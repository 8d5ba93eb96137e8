require "mkmf"

abort "zlib is missing" unless have_library("z", "crc32", "zlib.h")
create_makefile "check"
