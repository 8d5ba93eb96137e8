fn main() {
    let sum: i64 = std::env::args().skip(1).filter_map(|word| word.parse::<i64>().ok()).sum();
    println!("{sum}");
}
