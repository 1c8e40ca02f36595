// Builds a document's tree from the events of a parser, and refuses what a document may not hold.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "planner/files/document.h"
#include "planner/files/spec_error.h"

namespace galvatron {

class DocumentBuilder {
 public:
  // `source` must outlive the builder.
  explicit DocumentBuilder(const Source& source) : source_(&source) {}

  void scalar(std::size_t offset, Node::Kind kind, std::string text);
  void begin(std::size_t offset, Node::Kind kind);  // sequence or map
  void end();

  // The finished tree; the parser has seen the end of the text.
  Node take_root();

  [[noreturn]] void refuse(std::size_t offset, Problem problem) const;

 private:
  // A sequence or map that is still open.
  struct Frame {
    Node node;
    bool expects_key = false;
    std::unordered_set<std::string> keys = {};
  };

  bool at_key() const { return !open_.empty() && open_.back().expects_key; }
  void add_key(std::size_t offset, const Node& key);
  void add_value(Node node);

  const Source* source_;
  std::vector<Frame> open_;
  std::vector<Node> root_;  // empty until the outermost node is complete
};

}  // namespace galvatron
