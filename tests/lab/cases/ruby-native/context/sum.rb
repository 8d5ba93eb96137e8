require "check"

puts Check.sum(ARGV.fetch(0)).to_s(16)
