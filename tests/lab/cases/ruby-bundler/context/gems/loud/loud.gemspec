Gem::Specification.new do |spec|
  spec.name = "loud"
  spec.version = "1.0.0"
  spec.summary = "Says it loud."
  spec.authors = ["The Lab"]
  spec.files = ["lib/loud.rb"]
end
