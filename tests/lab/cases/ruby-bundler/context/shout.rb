require "loud"

puts Loud.say(ARGV.fetch(0))
