#include <fmt/format.h>

#include <algorithm>

#include "planner/model/hf_config_families.h"
#include "planner/model/model_limits.h"

namespace galvatron {
namespace {

void skip_or_refuse(HfConfigReader& reader) {
  reader.require_value("position_embedding_type", "absolute");
  reader.require_value("is_decoder", "false");
  reader.require_value("add_cross_attention", "false");
  reader.ignore_keys({"classifier_dropout", "pooler_fc_size", "pooler_num_attention_heads",
                      "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type",
                      "directionality"});
}

BertHead read_head(HfConfigReader& reader) {
  const auto classes = reader.map().optional_list<std::string>("architectures");
  const bool pretrains = classes && std::find(classes->begin(), classes->end(),
                                              "BertForPreTraining") != classes->end();
  return pretrains ? BertHead::pretraining : BertHead::masked_lm;
}

}  // namespace

BertConfig read_hf_bert(HfConfigReader& reader) {
  const BertConfig base;
  BertConfig config{
      .vocabulary = reader.value("vocab_size", base.vocabulary, kVocabularyRange),
      .positions = reader.value("max_position_embeddings", base.positions, kPositionsRange),
      .token_types = reader.value("type_vocab_size", base.token_types, kVocabularyRange),
      .hidden = reader.value("hidden_size", base.hidden, kHiddenRange),
      .layers = reader.value("num_hidden_layers", base.layers, kLayersRange),
      .heads = reader.value("num_attention_heads", base.heads, kHeadsRange),
      .mlp_width = reader.value<std::int64_t>("intermediate_size", 3072, kMlpWidthRange),
      .activation = reader.map().optional("hidden_act", kActivationNames).value_or(base.activation),
      .norm_epsilon = reader.value("layer_norm_eps", base.norm_epsilon, kEpsilonRange),
      .initializer_range =
          reader.value("initializer_range", base.initializer_range, kDeviationRange),
      .hidden_dropout = reader.value("hidden_dropout_prob", base.hidden_dropout, kDropoutRange),
      .attention_dropout =
          reader.value("attention_probs_dropout_prob", base.attention_dropout, kDropoutRange),
      .padding_token = reader.says_null("pad_token_id")
                           ? -1
                           : reader.value<std::int64_t>("pad_token_id", base.padding_token),
      .tied_embeddings = reader.value("tie_word_embeddings", true),
      .head = read_head(reader)};
  MapReader& map = reader.map();
  if (!map.has_errors() && config.hidden % config.heads != 0) {
    map.refuse("num_attention_heads",
               fmt::format("must divide hidden_size ({}), got {}", config.hidden, config.heads));
  }
  if (!map.has_errors() &&
      (config.padding_token < -1 || config.padding_token >= config.vocabulary)) {
    map.refuse("pad_token_id", fmt::format("must be null or below vocab_size ({}), got {}",
                                           config.vocabulary, config.padding_token));
  }
  skip_or_refuse(reader);
  return config;
}

}  // namespace galvatron
