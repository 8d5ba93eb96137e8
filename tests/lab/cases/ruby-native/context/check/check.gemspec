Gem::Specification.new do |spec|
  spec.name = "check"
  spec.version = "1.0.0"
  spec.summary = "Checksums of zlib."
  spec.authors = ["The Lab"]
  spec.files = ["ext/extconf.rb", "ext/check.c"]
  spec.extensions = ["ext/extconf.rb"]
end
