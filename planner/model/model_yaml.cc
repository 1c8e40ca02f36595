#include "planner/model/model_yaml.h"

#include <fmt/format.h>

#include <string>

#include "planner/model/fields_yaml.h"
#include "planner/model/user_model_yaml.h"

namespace galvatron {
namespace {

enum class Family { gpt2, llama };
constexpr NamedValues<Family, 2> kFamilyNames{{{Family::gpt2, "gpt2"}, {Family::llama, "llama"}}};

std::string must_divide(const char* what, std::int64_t whole, std::int64_t part) {
  return fmt::format("must divide {} ({}), got {}", what, whole, part);
}

Gpt2Config read_gpt2(MapReader& reader) {
  Gpt2Config config;
  read_fields(reader, config);
  if (config.mlp_width == 0) config.mlp_width = 4 * config.hidden;
  if (config.hidden % config.heads != 0) {
    reader.refuse("heads", must_divide("hidden", config.hidden, config.heads));
  }
  return config;
}

LlamaConfig read_llama(MapReader& reader) {
  LlamaConfig config;
  read_fields(reader, config);
  if (reader.value("key_value_heads") == nullptr) config.key_value_heads = config.heads;
  if (reader.value("head_size") == nullptr) {
    config.head_size = config.hidden / config.heads;
    if (config.hidden % config.heads != 0) {
      reader.refuse("heads", must_divide("hidden", config.hidden, config.heads));
    }
  }
  if (config.heads % config.key_value_heads != 0) {
    reader.refuse("key_value_heads",
                  must_divide("heads", config.heads, config.key_value_heads));
  }
  if (config.head_size % 2 != 0) {
    reader.refuse("head_size",
                  fmt::format("must be even for rotary positions, got {}", config.head_size));
  }
  return config;
}

void check_sequence_length(MapReader& reader, std::int64_t length, std::int64_t positions) {
  if (length > positions) {
    reader.refuse("sequence_length",
                  fmt::format("must be at most positions ({}), got {}", positions, length));
  }
}

struct FieldsWriter {
  YamlWriter& out;

  void operator()(const Gpt2Config& config) const { write_family(Family::gpt2, config); }
  void operator()(const LlamaConfig& config) const { write_family(Family::llama, config); }
  void operator()(const UserModel& model) const { write_user_model(out, model); }

  template <typename Config>
  void write_family(Family family, const Config& config) const {
    out.field("family", name_of(kFamilyNames, family));
    write_fields(out, config);
  }
};

}  // namespace

Model read_model_yaml(MapReader& reader) {
  Model model;
  model.name = reader.optional<std::string>("name").value_or("");
  model.sequence_length = reader.required<std::int64_t>("sequence_length", kPositionsRange);
  // Without a family the reader asks for layers, but a file without either lacks the family.
  const bool own_layers = reader.value("family") == nullptr && reader.value("runs") != nullptr;
  if (own_layers) {
    model.config = read_user_model(reader);
    reader.finish();
    return model;
  }
  switch (reader.required("family", kFamilyNames)) {
    case Family::gpt2: {
      const Gpt2Config config = read_gpt2(reader);
      check_sequence_length(reader, model.sequence_length, config.positions);
      model.config = config;
      break;
    }
    case Family::llama: {
      const LlamaConfig config = read_llama(reader);
      check_sequence_length(reader, model.sequence_length, config.positions);
      model.config = config;
      break;
    }
  }
  return model;
}

void write_model_yaml(YamlWriter& out, const Model& model) {
  out.field("name", model.name);
  out.field("sequence_length", model.sequence_length);
  std::visit(FieldsWriter{out}, model.config);
}

}  // namespace galvatron
