//! A map whose old versions stay readable: a treap that copies the path to a change.

use std::sync::Arc;

type Link = Option<Arc<Node>>;

/// A version of the map; cloning is cheap.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    root: Link,
}

#[derive(Debug, Clone)]
struct Node {
    key: usize,
    value: usize,
    left: Link,
    right: Link,
}

impl Map {
    pub(super) fn get(&self, key: usize) -> Option<usize> {
        let mut link = &self.root;
        while let Some(node) = link {
            link = match key.cmp(&node.key) {
                std::cmp::Ordering::Less => &node.left,
                std::cmp::Ordering::Greater => &node.right,
                std::cmp::Ordering::Equal => return Some(node.value),
            };
        }
        None
    }

    /// The version with `key` set to `value`.
    pub(super) fn insert(&self, key: usize, value: usize) -> Self {
        Self { root: Some(Arc::new(insert(self.root.as_ref(), key, value))) }
    }

    /// All entries, by key.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut stack = Vec::new();
        let mut link = self.root.as_ref();
        std::iter::from_fn(move || {
            while let Some(node) = link {
                stack.push(node);
                link = node.left.as_ref();
            }
            let node = stack.pop()?;
            link = node.right.as_ref();
            Some((node.key, node.value))
        })
    }
}

fn insert(link: Option<&Arc<Node>>, key: usize, value: usize) -> Node {
    let Some(node) = link else { return Node { key, value, left: None, right: None } };
    let mut node = Node::clone(node);
    match key.cmp(&node.key) {
        std::cmp::Ordering::Equal => node.value = value,
        std::cmp::Ordering::Less => {
            let mut left = insert(node.left.as_ref(), key, value);
            if priority(left.key) > priority(node.key) {
                node.left = left.right.take();
                left.right = Some(Arc::new(node));
                return left;
            }
            node.left = Some(Arc::new(left));
        }
        std::cmp::Ordering::Greater => {
            let mut right = insert(node.right.as_ref(), key, value);
            if priority(right.key) > priority(node.key) {
                node.right = right.left.take();
                right.left = Some(Arc::new(node));
                return right;
            }
            node.right = Some(Arc::new(right));
        }
    }
    node
}

/// Scatters the keys, which count up (the finaliser of splitmix64); the same in every run.
fn priority(key: usize) -> u64 {
    let mut hash = (key as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_old_versions() {
        let mut versions = vec![Map::default()];
        for key in 0..1000 {
            let next = versions[key].insert(key, key * 2);
            versions.push(next);
        }
        for (count, version) in versions.iter().enumerate() {
            assert_eq!(version.get(count), None);
            assert!(count == 0 || version.get(count - 1) == Some((count - 1) * 2));
        }
        let all: Vec<_> = versions[1000].insert(7, 1).iter().collect();
        assert_eq!(all.len(), 1000);
        assert!(all.is_sorted());
        assert_eq!(all[7], (7, 1));
        assert_eq!(versions[1000].get(7), Some(14));
    }
}
