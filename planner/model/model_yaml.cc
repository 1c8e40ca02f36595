#include "planner/model/model_yaml.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "planner/model/fields_yaml.h"
#include "planner/model/model_file.h"
#include "planner/model/swin_sizes.h"
#include "planner/model/t5_sizes.h"
#include "planner/model/user_model_yaml.h"

namespace galvatron {
namespace {

enum class Family { gpt2, llama, bert, vit, t5, swin };
constexpr NamedValues<Family, 6> kFamilyNames{{{Family::gpt2, "gpt2"},
                                               {Family::llama, "llama"},
                                               {Family::bert, "bert"},
                                               {Family::vit, "vit"},
                                               {Family::t5, "t5"},
                                               {Family::swin, "swin"}}};

std::string must_divide(const char* what, std::int64_t whole, std::int64_t part) {
  return fmt::format("must divide {} ({}), got {}", what, whole, part);
}

Gpt2Config read_gpt2(MapReader& reader) {
  Gpt2Config config;
  read_members(reader, config);
  if (config.mlp_width == 0) config.mlp_width = 4 * config.hidden;
  if (reader.has_errors()) return config;  // a default would only seem not to fit
  if (config.hidden % config.heads != 0) {
    reader.refuse("heads", must_divide("hidden", config.hidden, config.heads));
  }
  return config;
}

LlamaConfig read_llama(MapReader& reader) {
  LlamaConfig config;
  read_members(reader, config);
  const bool has_head_size = reader.value("head_size") != nullptr;
  if (!has_head_size) config.head_size = config.hidden / config.heads;
  if (reader.value("key_value_heads") == nullptr) config.key_value_heads = config.heads;
  if (reader.has_errors()) return config;  // a default would only seem not to fit
  if (!has_head_size && config.hidden % config.heads != 0) {
    reader.refuse("heads", must_divide("hidden", config.hidden, config.heads));
    return config;
  }
  if (config.heads % config.key_value_heads != 0) {
    reader.refuse("key_value_heads", must_divide("heads", config.heads, config.key_value_heads));
  }
  if (config.head_size % 2 != 0) {
    reader.refuse("head_size",
                  fmt::format("must be even for rotary positions, got {}", config.head_size));
  }
  return config;
}

// What bert and vit have in common.
template <typename Config>
Config read_encoder(MapReader& reader) {
  Config config;
  read_members(reader, config);
  if (config.mlp_width == 0) config.mlp_width = 4 * config.hidden;
  if (!reader.has_errors() && config.hidden % config.heads != 0) {
    reader.refuse("heads", must_divide("hidden", config.hidden, config.heads));
  }
  return config;
}

BertConfig read_bert(MapReader& reader) {
  const auto config = read_encoder<BertConfig>(reader);
  if (!reader.has_errors() && config.padding_token >= config.vocabulary) {
    reader.refuse("padding_token", fmt::format("must be below vocabulary ({}), got {}",
                                               config.vocabulary, config.padding_token));
  }
  return config;
}

// Patches are at most as large as the image.
template <typename Config>
void check_patches(MapReader& reader, const Config& config) {
  const auto fit = [&](const char* key, std::int64_t patch, std::int64_t image) {
    if (patch > image) {
      reader.refuse(key,
                    fmt::format("must be at most that of the image ({}), got {}", image, patch));
    }
  };
  fit("patch_height", config.patch_height, config.image_height);
  fit("patch_width", config.patch_width, config.image_width);
}

VitConfig read_vit(MapReader& reader) {
  const auto config = read_encoder<VitConfig>(reader);
  if (!reader.has_errors()) check_patches(reader, config);
  return config;
}

SwinConfig read_swin(MapReader& reader) {
  SwinConfig config;
  read_members(reader, config);
  if (reader.has_errors()) return config;
  check_patches(reader, config);
  check_swin_sizes(reader, config,
                   {.hidden = "hidden",
                    .depths = "depths",
                    .heads = "heads",
                    .window = "window",
                    .mlp_ratio = "mlp_ratio"});
  return config;
}

T5Config read_t5(MapReader& reader) {
  T5Config config;
  read_members(reader, config);
  if (config.decoder_layers == 0) config.decoder_layers = config.encoder_layers;
  if (reader.has_errors()) return config;  // a default would only seem not to fit
  if (reader.value("head_size") == nullptr) {
    config.head_size = config.hidden / config.heads;
    if (config.hidden % config.heads != 0) {
      reader.refuse("heads", must_divide("hidden", config.hidden, config.heads));
    }
  }
  if (config.gated_mlp && config.activation == Activation::gelu_erf) {
    reader.refuse("activation", "must be gelu_new where gated_mlp is true, as in T5, got gelu");
  }
  check_t5_sizes(reader, config,
                 {.vocabulary = "vocabulary",
                  .padding_token = "padding_token",
                  .start_token = "start_token",
                  .position_buckets = "position_buckets",
                  .position_distance = "position_distance"});
  return config;
}

void read_family_config(MapReader& reader, Model& model, Family family) {
  switch (family) {
    case Family::gpt2:
      model.config = read_gpt2(reader);
      break;
    case Family::llama:
      model.config = read_llama(reader);
      break;
    case Family::bert:
      model.config = read_bert(reader);
      break;
    case Family::vit:
      model.config = read_vit(reader);
      break;
    case Family::t5:
      model.config = read_t5(reader);
      break;
    case Family::swin:
      model.config = read_swin(reader);
      break;
  }
}

// Tokens of a sample: stated, or what the images are cut into.
void read_sequence_length(MapReader& reader, Model& model) {
  const std::int64_t most = most_positions(model);
  if (has_fixed_length(model)) {
    model.sequence_length =
        reader.optional<std::int64_t>("sequence_length", kPositionsRange).value_or(most);
    if (!reader.has_errors() && model.sequence_length != most) {
      reader.refuse("sequence_length", fmt::format("must be the tokens of an image ({}), got {}",
                                                   most, model.sequence_length));
    }
    return;
  }
  model.sequence_length = reader.required<std::int64_t>("sequence_length", kPositionsRange);
  if (!reader.has_errors() && model.sequence_length > most) {
    reader.refuse("sequence_length", fmt::format("must be at most positions ({}), got {}", most,
                                                 model.sequence_length));
  }
}

struct FieldsWriter {
  YamlWriter& out;

  void operator()(const Gpt2Config& config) const { write_family(Family::gpt2, config); }
  void operator()(const LlamaConfig& config) const { write_family(Family::llama, config); }
  void operator()(const BertConfig& config) const { write_family(Family::bert, config); }
  void operator()(const VitConfig& config) const { write_family(Family::vit, config); }
  void operator()(const T5Config& config) const { write_family(Family::t5, config); }
  void operator()(const SwinConfig& config) const { write_family(Family::swin, config); }
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
  if (reader.value("family") == nullptr && reader.value("runs") != nullptr) {
    model.config = read_user_model(reader);
  } else {
    reader.require("family");
    const std::optional<Family> family = reader.optional("family", kFamilyNames);
    if (!family) return model;  // which keys there may be depends on it
    read_family_config(reader, model, *family);
  }
  read_sequence_length(reader, model);
  reader.finish();
  return model;
}

void write_model_yaml(YamlWriter& out, const Model& model) {
  out.field("name", model.name);
  out.field("sequence_length", model.sequence_length);
  std::visit(FieldsWriter{out}, model.config);
}

}  // namespace galvatron
