//! Tables as text: one row a line, sorted bytewise by key, looked up where they lie.

use std::cmp::Ordering;

/// A table of tab-separated columns under a header line.
///
/// The rows are sorted bytewise by key and the key is unique, so that a lookup is a binary search over the text itself
/// and nothing is parsed when the program starts. The tests of this crate hold every built-in table against that form.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Table<'a> {
    body: &'a str,
    /// How many leading columns make the key.
    keys: usize,
}

impl<'a> Table<'a> {
    /// The table in `text` (header line included), whose first `keys` columns are the key.
    pub(crate) fn new(text: &'a str, keys: usize) -> Self {
        let body = text.split_once('\n').map_or("", |(_, body)| body);
        Self { body, keys }
    }

    /// The row whose key is `key`; the parts of a composite key are joined by tabs.
    pub(crate) fn find(&self, key: &str) -> Option<Row<'a>> {
        let start = self.lower_bound(key);
        let row = self.row_at(start)?;
        (row.key(self.keys) == key).then_some(row)
    }

    /// Every row whose line starts with `prefix`, in order.
    pub(crate) fn starting_with<'p>(&self, prefix: &'p str) -> impl Iterator<Item = Row<'a>> + use<'a, 'p> {
        let start = self.lower_bound(prefix);
        self.body[start..].lines().take_while(move |line| line.starts_with(prefix)).map(Row)
    }

    /// Every row whose first column can be a pattern for `name`, by its first letter; saves looking at the rest.
    pub(crate) fn rows_for<'n>(&self, name: &'n str) -> impl Iterator<Item = Row<'a>> + use<'a, 'n, '_> {
        let first = name.chars().next().map_or("", |first| &name[..first.len_utf8()]);
        let patterns = Some("*").filter(|star| *star != first);
        patterns.into_iter().chain(Some(first)).flat_map(|start| {
            let at = self.lower_bound(start);
            self.body[at..].lines().take_while(move |line| line.starts_with(start)).map(Row)
        })
    }

    /// Every row, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'a>> + use<'a> {
        self.body.lines().map(Row)
    }

    fn row_at(&self, start: usize) -> Option<Row<'a>> {
        self.body[start..].lines().next().map(Row)
    }

    /// The offset of the first line whose key is not below `key`.
    fn lower_bound(&self, key: &str) -> usize {
        let bytes = self.body.as_bytes();
        let (mut low, mut high) = (0, bytes.len());
        // Both ends are line starts (or the end of the text) throughout.
        while low < high {
            let middle = low + (high - low) / 2;
            let start = memchr::memrchr(b'\n', &bytes[low..middle]).map_or(low, |at| low + at + 1);
            match self.compare_key(&bytes[start..high], key.as_bytes()) {
                Ordering::Less => low = memchr::memchr(b'\n', &bytes[middle..high]).map_or(high, |at| middle + at + 1),
                Ordering::Equal | Ordering::Greater => high = start,
            }
        }
        low
    }

    /// Compares the key of the line that `rest` starts with to `key`.
    fn compare_key(&self, rest: &[u8], key: &[u8]) -> Ordering {
        let common = rest.iter().zip(key).take_while(|(a, b)| a == b).count();
        // Tabs divide the parts of a key, so the first byte that differs decides unless the row's key ends there.
        let parts = memchr::memchr_iter(b'\t', &rest[..common]).count();
        let row_ends = match rest.get(common) {
            None | Some(b'\n') => true,
            Some(byte) => *byte == b'\t' && parts + 1 >= self.keys,
        };
        match (row_ends, key.get(common)) {
            (true, None) => Ordering::Equal,
            (true, Some(_)) => Ordering::Less,
            (false, None) => Ordering::Greater,
            (false, Some(byte)) => rest[common].cmp(byte),
        }
    }
}

/// One row of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a>(&'a str);

impl<'a> Row<'a> {
    /// The text of column `index`, counted from 0; empty when the row is shorter.
    pub(crate) fn column(self, index: usize) -> &'a str {
        let mut bytes = self.0.bytes();
        let mut start = 0;
        // Most columns are a few bytes long: a plain count is quicker than a search that starts anew at each tab.
        for _ in 0..index {
            let Some(at) = bytes.position(|byte| byte == b'\t') else { return "" };
            start += at + 1;
        }
        let end = bytes.position(|byte| byte == b'\t').map_or(self.0.len(), |at| start + at);
        &self.0[start..end]
    }

    /// The first `N` columns; those that a shorter row lacks are empty.
    pub(crate) fn columns<const N: usize>(self) -> [&'a str; N] {
        let mut columns = [""; N];
        for (column, text) in columns.iter_mut().zip(self.0.split('\t')) {
            *column = text;
        }
        columns
    }

    /// The first `count` columns, tabs included.
    pub(crate) fn key(self, count: usize) -> &'a str {
        let end = self.0.match_indices('\t').nth(count.saturating_sub(1)).map_or(self.0.len(), |(at, _)| at);
        &self.0[..end]
    }

    /// The words of column `index`.
    pub(crate) fn words(self, index: usize) -> Vec<String> {
        self.column(index).split_ascii_whitespace().map(str::to_owned).collect()
    }

    /// Column `index`, or `None` when it is empty.
    pub(crate) fn optional(self, index: usize) -> Option<String> {
        Some(self.column(index)).filter(|text| !text.is_empty()).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "key\tvalue\na\t1\na-b\t2\nb\t\nc\t4\n";

    #[test]
    fn finds_every_key_and_nothing_else() {
        let table = Table::new(TEXT, 1);
        for (key, value) in [("a", "1"), ("a-b", "2"), ("b", ""), ("c", "4")] {
            assert_eq!(table.find(key).unwrap().column(1), value, "{key}");
        }
        for key in ["", "a-", "a-a", "a-bc", "bb", "d", "key", "a\t1"] {
            assert!(table.find(key).is_none(), "{key}");
        }
    }

    #[test]
    fn composite_keys() {
        let table = Table::new("x\ty\tz\nnode\tdev\t1\nnode\truntime\t2\nnode-x\tdev\t3\n", 2);
        assert_eq!(table.find("node\truntime").unwrap().column(2), "2");
        assert_eq!(table.find("node-x\tdev").unwrap().column(2), "3");
        assert!(table.find("node").is_none());
        assert_eq!(table.starting_with("node\t").count(), 2);
    }

    #[test]
    fn an_empty_table_holds_nothing() {
        assert!(Table::new("", 1).find("a").is_none());
        assert!(Table::new("key\n", 1).find("a").is_none());
        assert!(Table::default().find("").is_none());
    }
}
