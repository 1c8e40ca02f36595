// JSON through nlohmann's event parser. Its events carry no positions, but between two of them
// only white space, commas and colons can stand, so a cursor that walks the text beside the
// parser finds where each token begins.
#include <fmt/format.h>

#include <cctype>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "planner/files/document.h"
#include "planner/files/document_builder.h"

namespace galvatron {
namespace {

using Json = nlohmann::json;

class JsonEvents : public nlohmann::json_sax<Json> {
 public:
  JsonEvents(const Source& source, DocumentBuilder& builder)
      : text_(source.text), builder_(&builder) {}

  bool null() override { return literal(Node::Kind::null); }
  bool boolean(bool) override { return literal(Node::Kind::plain); }
  bool number_integer(number_integer_t) override { return literal(Node::Kind::plain); }
  bool number_unsigned(number_unsigned_t) override { return literal(Node::Kind::plain); }
  bool number_float(number_float_t, const string_t&) override { return literal(Node::Kind::plain); }
  bool string(string_t& value) override { return quoted(value); }
  bool key(string_t& value) override { return quoted(value); }
  bool binary(binary_t&) override { return false; }  // not in text

  bool start_object(std::size_t) override { return open(Node::Kind::map); }
  bool start_array(std::size_t) override { return open(Node::Kind::sequence); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  // `position` counts the bytes read; the last of them could not be used.
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const std::string_view message = error.what();
    const std::size_t reason = message.find(": ");
    const std::string_view text =
        reason == std::string_view::npos ? message : message.substr(reason + 2);
    builder_->refuse(position > 0 ? position - 1 : 0,
                     {"syntax", fmt::format("not valid JSON: {}", text)});
  }

 private:
  std::size_t token_start() {
    while (cursor_ < text_.size() &&
           std::string_view(" \t\r\n,:").find(text_[cursor_]) != std::string_view::npos) {
      ++cursor_;
    }
    return cursor_;
  }

  bool literal(Node::Kind kind) {
    const std::size_t start = token_start();
    while (cursor_ < text_.size() && is_literal_character(text_[cursor_])) ++cursor_;
    builder_->scalar(start, kind, std::string(text_.substr(start, cursor_ - start)));
    return true;
  }

  bool quoted(const std::string& value) {
    const std::size_t start = token_start();
    for (++cursor_; text_[cursor_] != '"'; ++cursor_) {
      if (text_[cursor_] == '\\') ++cursor_;
    }
    ++cursor_;
    builder_->scalar(start, Node::Kind::quoted, value);
    return true;
  }

  bool open(Node::Kind kind) {
    const std::size_t start = token_start();
    ++cursor_;
    builder_->begin(start, kind);
    return true;
  }

  bool close() {
    token_start();
    ++cursor_;
    builder_->end();
    return true;
  }

  static bool is_literal_character(char byte) {
    return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '+' || byte == '-' ||
           byte == '.';
  }

  std::string_view text_;
  DocumentBuilder* builder_;
  std::size_t cursor_ = 0;  // just past the last token
};

}  // namespace

Document parse_json(Source source) {
  DocumentBuilder builder(source);
  JsonEvents events(source, builder);
  Json::sax_parse(source.text, &events);
  Node root = builder.take_root();
  return {.source = std::move(source), .root = std::move(root)};
}

}  // namespace galvatron
