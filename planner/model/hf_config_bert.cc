#include <fmt/format.h>

#include <algorithm>

#include "planner/model/hf_config_encoder.h"
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
      .padding_token = reader.says_null("pad_token_id")
                           ? -1
                           : reader.value<std::int64_t>("pad_token_id", base.padding_token),
      .tied_embeddings = reader.value("tie_word_embeddings", true),
      .head = read_head(reader)};
  read_layer_sizes(reader, config);
  read_encoder_fields(reader, config);
  MapReader& map = reader.map();
  if (!map.has_errors()) check_layer_sizes(map, config);
  if (!map.has_errors() &&
      (config.padding_token < -1 || config.padding_token >= config.vocabulary)) {
    map.refuse("pad_token_id", fmt::format("must be null or below vocab_size ({}), got {}",
                                           config.vocabulary, config.padding_token));
  }
  skip_or_refuse(reader);
  return config;
}

}  // namespace galvatron
