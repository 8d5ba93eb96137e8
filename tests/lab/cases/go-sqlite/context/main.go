package main

/*
#cgo LDFLAGS: -lsqlite3
#include <sqlite3.h>

static int sum(void) {
	sqlite3 *database;
	sqlite3_stmt *statement;
	int result = -1;
	if (sqlite3_open(":memory:", &database)) return result;
	if (sqlite3_prepare_v2(database, "select 40 + 2", -1, &statement, 0)) return result;
	if (sqlite3_step(statement) == SQLITE_ROW) result = sqlite3_column_int(statement, 0);
	return result;
}
*/
import "C"
import "fmt"

func main() {
	fmt.Printf("sqlite %s sum %d\n", C.GoString(C.sqlite3_libversion()), C.sum())
}
