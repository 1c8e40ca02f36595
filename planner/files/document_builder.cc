#include "planner/files/document_builder.h"

#include <fmt/format.h>

#include <utility>

namespace galvatron {

void DocumentBuilder::refuse(std::size_t offset, Problem problem) const {
  throw SpecError(diagnose(*source_, offset, std::move(problem)));
}

void DocumentBuilder::scalar(std::size_t offset, Node::Kind kind, std::string text) {
  Node node{.kind = kind, .offset = offset, .text = std::move(text)};
  if (at_key()) {
    add_key(offset, node);
  } else {
    add_value(std::move(node));
  }
}

void DocumentBuilder::begin(std::size_t offset, Node::Kind kind) {
  if (at_key()) {
    refuse(offset, {"syntax",
                    fmt::format("a key must be a word, got {}",
                                kind == Node::Kind::map ? "a map" : "a list"),
                    "is a bracket left open?"});
  }
  if (open_.size() == kDeepestNesting) {
    refuse(offset, {"too_deep", fmt::format("lists and maps must nest at most {} deep, this is one "
                                            "more",
                                            kDeepestNesting)});
  }
  open_.push_back(
      {.node = {.kind = kind, .offset = offset}, .expects_key = kind == Node::Kind::map});
}

void DocumentBuilder::end() {
  Node node = std::move(open_.back().node);
  open_.pop_back();
  add_value(std::move(node));
}

void DocumentBuilder::add_key(std::size_t offset, const Node& key) {
  if (!key.is_scalar()) {
    refuse(offset, {"syntax", fmt::format("a key must be a word, got {}", describe(key))});
  }
  Frame& frame = open_.back();
  if (!frame.keys.insert(key.text).second) {
    refuse(offset, {"duplicate_key",
                    fmt::format("the key `{}` stands twice in this map", shortened(key.text))});
  }
  frame.node.entries.push_back({.key = key.text, .offset = offset, .value = {}});
  frame.expects_key = false;
}

void DocumentBuilder::add_value(Node node) {
  if (open_.empty()) {
    root_.push_back(std::move(node));
    return;
  }
  Frame& frame = open_.back();
  if (frame.node.kind == Node::Kind::sequence) {
    frame.node.items.push_back(std::move(node));
    return;
  }
  frame.node.entries.back().value = std::move(node);
  frame.expects_key = true;
}

Node DocumentBuilder::take_root() {
  if (root_.empty() || root_.front().kind == Node::Kind::null) {
    refuse(0, {"syntax", "the file is empty"});
  }
  return std::move(root_.front());
}

}  // namespace galvatron
