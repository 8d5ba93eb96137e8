import cffi

ffi = cffi.FFI()
ffi.cdef("size_t strlen(const char *);")
print("strlen", ffi.dlopen(None).strlen(b"abc") == 3)
