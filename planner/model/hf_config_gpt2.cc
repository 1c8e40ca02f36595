#include <fmt/format.h>

#include "planner/model/hf_config_families.h"
#include "planner/model/model_limits.h"

namespace galvatron {
namespace {

void skip_or_refuse(HfConfigReader& reader) {
  reader.require_value("scale_attn_weights", "true");
  reader.require_value("scale_attn_by_inverse_layer_idx", "false");
  reader.require_value("reorder_and_upcast_attn", "false");
  reader.require_value("add_cross_attention", "false");
  // n_ctx is an older name of n_positions that the library no longer reads.
  reader.ignore_keys({"n_ctx", "pad_token_id", "summary_activation", "summary_first_dropout",
                      "summary_proj_to_labels", "summary_type", "summary_use_proj"});
}

}  // namespace

Gpt2Config read_hf_gpt2(HfConfigReader& reader) {
  const Gpt2Config base;
  Gpt2Config config{
      .vocabulary = reader.value("vocab_size", base.vocabulary, kVocabularyRange),
      .positions =
          reader.value({"n_positions", "max_position_embeddings"}, base.positions, kPositionsRange),
      .hidden = reader.value({"n_embd", "hidden_size"}, base.hidden, kHiddenRange),
      .layers = reader.value({"n_layer", "num_hidden_layers"}, base.layers, kLayersRange),
      .heads = reader.value({"n_head", "num_attention_heads"}, base.heads, kHeadsRange),
      .mlp_width = reader.value<std::int64_t>("n_inner", 0, kMlpWidthRange),
      .activation =
          reader.map().optional("activation_function", kActivationNames).value_or(base.activation),
      .norm_epsilon = reader.value("layer_norm_epsilon", base.norm_epsilon, kEpsilonRange),
      .initializer_range =
          reader.value("initializer_range", base.initializer_range, kDeviationRange),
      .embedding_dropout = reader.value("embd_pdrop", base.embedding_dropout, kDropoutRange),
      .residual_dropout = reader.value("resid_pdrop", base.residual_dropout, kDropoutRange),
      .attention_dropout = reader.value("attn_pdrop", base.attention_dropout, kDropoutRange),
      .tied_embeddings = reader.value("tie_word_embeddings", true)};
  if (config.mlp_width == 0) config.mlp_width = 4 * config.hidden;
  if (!reader.map().has_errors() && config.hidden % config.heads != 0) {
    reader.map().refuse(
        "n_head", fmt::format("must divide n_embd ({}), got {}", config.hidden, config.heads));
  }
  skip_or_refuse(reader);
  return config;
}

}  // namespace galvatron
