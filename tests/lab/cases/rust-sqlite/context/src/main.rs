use libsqlite3_sys as sql;
use std::{env, ffi::CString, ptr};

fn main() {
    let number = env::args().nth(1).expect("a number");
    let query = CString::new(format!("select {number} * {number}")).unwrap();
    let file = CString::new(":memory:").unwrap();
    let mut database = ptr::null_mut();
    let mut statement = ptr::null_mut();
    unsafe {
        assert_eq!(sql::sqlite3_open(file.as_ptr(), &mut database), sql::SQLITE_OK);
        let code = sql::sqlite3_prepare_v2(database, query.as_ptr(), -1, &mut statement, ptr::null_mut());
        assert_eq!(code, sql::SQLITE_OK);
        assert_eq!(sql::sqlite3_step(statement), sql::SQLITE_ROW);
        println!("{}", sql::sqlite3_column_int(statement, 0));
    }
}
