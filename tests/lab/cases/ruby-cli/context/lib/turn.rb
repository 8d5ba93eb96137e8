module Turn
  def self.word(text) = text.reverse
end
