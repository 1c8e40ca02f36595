// YAML through yaml-cpp's event parser. Its node tree is not used: it takes quadratic time for a
// flat map, accepts a list that holds itself, and lets duplicate keys pass.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <utility>

#include "planner/files/document.h"
#include "planner/files/document_builder.h"

namespace galvatron {
namespace {

// yaml-cpp counts bytes from 0; its null mark is -1.
std::size_t offset_of(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : static_cast<std::size_t>(mark.pos);
}

class YamlEvents : public YAML::EventHandler {
 public:
  YamlEvents(const Source& source, DocumentBuilder& builder)
      : source_(&source), builder_(&builder) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      builder_->refuse(offset_of(mark), {"syntax", "a file must hold one document, got another"});
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse_written_tag(mark);
    builder_->scalar(offset_of(mark), Node::Kind::null, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    builder_->refuse(offset_of(mark), {"syntax", "aliases (*name) are not supported"});
  }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    builder_->refuse(offset_of(mark), {"syntax", "anchors (&name) are not supported"});
  }
  // yaml-cpp's own tags: "?" for a plain scalar or a collection, "!" for a quoted scalar.
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    refuse_written_tag(mark);
    builder_->scalar(offset_of(mark), tag == "?" ? Node::Kind::plain : Node::Kind::quoted, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    refuse_written_tag(mark);
    builder_->begin(offset_of(mark), Node::Kind::sequence);
  }
  void OnSequenceEnd() override { builder_->end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    refuse_written_tag(mark);
    builder_->begin(offset_of(mark), Node::Kind::map);
  }
  void OnMapEnd() override { builder_->end(); }

 private:
  // A node's mark is where its tag stands. No other node begins with an exclamation mark.
  void refuse_written_tag(const YAML::Mark& mark) const {
    const std::size_t offset = offset_of(mark);
    if (offset < source_->text.size() && source_->text[offset] == '!') {
      builder_->refuse(offset, {"syntax", "tags (!name) are not supported"});
    }
  }

  const Source* source_;
  DocumentBuilder* builder_;
  int documents_ = 0;
};

}  // namespace

Document parse_yaml(Source source) {
  DocumentBuilder builder(source);
  YamlEvents events(source, builder);
  std::istringstream stream(source.text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const YAML::Exception& error) {
    builder.refuse(offset_of(error.mark), {"syntax", "not valid YAML: " + error.msg});
  }
  Node root = builder.take_root();
  return {.source = std::move(source), .root = std::move(root)};
}

}  // namespace galvatron
