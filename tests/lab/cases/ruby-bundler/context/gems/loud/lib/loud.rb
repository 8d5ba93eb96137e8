module Loud
  def self.say(word) = "#{word.capitalize}!"
end
