#include <fmt/format.h>

#include <string>
#include <string_view>

#include "planner/model/hf_config_families.h"
#include "planner/model/model_limits.h"
#include "planner/model/t5_sizes.h"

namespace galvatron {
namespace {

constexpr T5Keys kKeys{.vocabulary = "vocab_size",
                       .padding_token = "pad_token_id",
                       .start_token = "decoder_start_token_id",
                       .position_buckets = "relative_attention_num_buckets",
                       .position_distance = "relative_attention_max_distance"};

struct Mlp {
  Activation activation = Activation::relu;
  bool gated = false;
};

// "relu", "gated-gelu", ... where the latter's gelu is the tanh one.
Mlp read_mlp(HfConfigReader& reader) {
  constexpr std::string_view kGated = "gated-";
  const std::string text = reader.value<std::string>("feed_forward_proj", "relu");
  const bool gated = text.starts_with(kGated);
  const std::string name = gated ? text.substr(kGated.size()) : text;
  if (gated && name == "gelu") return {.activation = Activation::gelu_tanh, .gated = true};
  const std::optional<Activation> activation = value_of(kActivationNames, name);
  if (!activation) {
    reader.map().refuse("feed_forward_proj",
                        fmt::format("must be relu, gelu, gelu_new or silu, perhaps behind gated-, "
                                    "got {}",
                                    text));
  }
  return {.activation = activation.value_or(Activation::relu), .gated = gated};
}

// transformers 5.x says of an untied head that it is tied and not scaled: such a file holds an
// lm_head.weight of its own.
bool read_tied(HfConfigReader& reader) {
  const bool tied = reader.value("tie_word_embeddings", true);
  const bool scaled = reader.value("scale_decoder_outputs", tied);
  if (scaled && !tied) {
    reader.map().refuse("scale_decoder_outputs",
                        "must be false where tie_word_embeddings is, got true: only the output "
                        "before a tied table is scaled");
  }
  return tied && scaled;
}

// What follows from feed_forward_proj, and what only other heads read.
void skip_or_refuse(HfConfigReader& reader, const T5Config& config) {
  const std::string activation(name_of(kActivationNames, config.activation));
  reader.require_value("dense_act_fn", activation.c_str());
  reader.require_value("is_gated_act", config.gated_mlp ? "true" : "false");
  if (reader.value("initializer_factor", 1.0) != 1) {
    reader.warn("initializer_factor",
                "initializer_factor is ignored: new weights are drawn as with 1");
  }
  reader.ignore_keys({"n_positions", "output_past", "classifier_dropout", "is_decoder"});
}

}  // namespace

T5Config read_hf_t5(HfConfigReader& reader) {
  const T5Config base;
  const Mlp mlp = read_mlp(reader);
  const Range token = between(0, kVocabularyRange.most);
  T5Config config{
      .vocabulary = reader.value("vocab_size", base.vocabulary, kVocabularyRange),
      .hidden = reader.value({"d_model", "hidden_size"}, base.hidden, kHiddenRange),
      .encoder_layers =
          reader.value({"num_layers", "num_hidden_layers"}, base.encoder_layers, kLayersRange),
      .heads = reader.value({"num_heads", "num_attention_heads"}, base.heads, kHeadsRange),
      .head_size = reader.value({"d_kv", "head_dim"}, base.head_size, kHeadSizeRange),
      .mlp_width = reader.value("d_ff", base.mlp_width, kMlpWidthRange),
      .activation = mlp.activation,
      .gated_mlp = mlp.gated,
      .position_buckets =
          reader.value("relative_attention_num_buckets", base.position_buckets, kBucketsRange),
      .position_distance =
          reader.value("relative_attention_max_distance", base.position_distance, kPositionsRange),
      .norm_epsilon = reader.value("layer_norm_epsilon", base.norm_epsilon, kEpsilonRange),
      .dropout = reader.value("dropout_rate", base.dropout, kDropoutRange),
      .padding_token = reader.value("pad_token_id", base.padding_token, token),
      .tied_embeddings = read_tied(reader)};
  config.decoder_layers = reader.value("num_decoder_layers", config.encoder_layers, kLayersRange);
  config.start_token = reader.value("decoder_start_token_id", config.padding_token, token);
  // A default would only seem not to fit.
  if (!reader.map().has_errors()) check_t5_sizes(reader.map(), config, kKeys);
  skip_or_refuse(reader, config);
  return config;
}

}  // namespace galvatron
