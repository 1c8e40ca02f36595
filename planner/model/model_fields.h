// The keys of a model's YAML form: for reading, writing and comparing.
//
// visit(Field, member) for each member in the order of the file; a structured binding stops
// compiling when a member is added.
#pragma once

#include <string_view>

#include "cost_models/fields.h"
#include "planner/model/model.h"
#include "planner/model/model_limits.h"

namespace galvatron {

enum class Presence { optional, required };

struct Field {
  std::string_view key;
  Range range = {};
  Presence presence = Presence::optional;
};

template <MaybeConst<Gpt2Config> Object, typename Visit>
void for_each_field(Object& config, Visit visit) {
  auto& [vocabulary, positions, hidden, layers, heads, mlp_width, activation, norm_epsilon,
         initializer_range, embedding_dropout, residual_dropout, attention_dropout,
         tied_embeddings] = config;
  visit(Field{"vocabulary", kVocabularyRange, Presence::required}, vocabulary);
  visit(Field{"positions", kPositionsRange, Presence::required}, positions);
  visit(Field{"hidden", kHiddenRange, Presence::required}, hidden);
  visit(Field{"layers", kLayersRange, Presence::required}, layers);
  visit(Field{"heads", kHeadsRange, Presence::required}, heads);
  visit(Field{"mlp_width", kMlpWidthRange}, mlp_width);
  visit(Field{"activation"}, activation);
  visit(Field{"norm_epsilon", kEpsilonRange}, norm_epsilon);
  visit(Field{"initializer_range", kDeviationRange}, initializer_range);
  visit(Field{"embedding_dropout", kDropoutRange}, embedding_dropout);
  visit(Field{"residual_dropout", kDropoutRange}, residual_dropout);
  visit(Field{"attention_dropout", kDropoutRange}, attention_dropout);
  visit(Field{"tied_embeddings"}, tied_embeddings);
}

template <MaybeConst<RopeScaling> Object, typename Visit>
void for_each_field(Object& scaling, Visit visit) {
  auto& [factor, low_frequency_factor, high_frequency_factor, original_positions] = scaling;
  visit(Field{"factor", at_least(1), Presence::required}, factor);
  visit(Field{"low_frequency_factor", kRopeRange, Presence::required}, low_frequency_factor);
  visit(Field{"high_frequency_factor", kRopeRange, Presence::required}, high_frequency_factor);
  visit(Field{"original_positions", kPositionsRange, Presence::required}, original_positions);
}

template <MaybeConst<LlamaConfig> Object, typename Visit>
void for_each_field(Object& config, Visit visit) {
  auto& [vocabulary, positions, hidden, layers, heads, key_value_heads, head_size, mlp_width,
         norm_epsilon, initializer_range, rope_theta, rope_scaling, tied_embeddings] = config;
  visit(Field{"vocabulary", kVocabularyRange, Presence::required}, vocabulary);
  visit(Field{"positions", kPositionsRange, Presence::required}, positions);
  visit(Field{"hidden", kHiddenRange, Presence::required}, hidden);
  visit(Field{"layers", kLayersRange, Presence::required}, layers);
  visit(Field{"heads", kHeadsRange, Presence::required}, heads);
  visit(Field{"key_value_heads", kHeadsRange}, key_value_heads);
  visit(Field{"head_size", kHeadSizeRange}, head_size);
  visit(Field{"mlp_width", kMlpWidthRange, Presence::required}, mlp_width);
  visit(Field{"norm_epsilon", kEpsilonRange}, norm_epsilon);
  visit(Field{"initializer_range", kDeviationRange}, initializer_range);
  visit(Field{"rope_theta", kRopeRange}, rope_theta);
  visit(Field{"rope_scaling"}, rope_scaling);
  visit(Field{"tied_embeddings"}, tied_embeddings);
}

template <MaybeConst<BertConfig> Object, typename Visit>
void for_each_field(Object& config, Visit visit) {
  auto& [vocabulary, positions, token_types, hidden, layers, heads, mlp_width, activation,
         norm_epsilon, initializer_range, hidden_dropout, attention_dropout, padding_token,
         tied_embeddings, head] = config;
  visit(Field{"vocabulary", kVocabularyRange, Presence::required}, vocabulary);
  visit(Field{"positions", kPositionsRange, Presence::required}, positions);
  visit(Field{"token_types", kVocabularyRange}, token_types);
  visit(Field{"hidden", kHiddenRange, Presence::required}, hidden);
  visit(Field{"layers", kLayersRange, Presence::required}, layers);
  visit(Field{"heads", kHeadsRange, Presence::required}, heads);
  visit(Field{"mlp_width", kMlpWidthRange}, mlp_width);
  visit(Field{"activation"}, activation);
  visit(Field{"norm_epsilon", kEpsilonRange}, norm_epsilon);
  visit(Field{"initializer_range", kDeviationRange}, initializer_range);
  visit(Field{"hidden_dropout", kDropoutRange}, hidden_dropout);
  visit(Field{"attention_dropout", kDropoutRange}, attention_dropout);
  visit(Field{"padding_token", between(-1, kVocabularyRange.most)}, padding_token);
  visit(Field{"tied_embeddings"}, tied_embeddings);
  visit(Field{"head"}, head);
}

template <MaybeConst<T5Config> Object, typename Visit>
void for_each_field(Object& config, Visit visit) {
  auto& [vocabulary, target_sequence_length, hidden, encoder_layers, decoder_layers, heads,
         head_size, mlp_width, activation, gated_mlp, position_buckets, position_distance,
         norm_epsilon, dropout, padding_token, start_token, tied_embeddings] = config;
  visit(Field{"vocabulary", kVocabularyRange, Presence::required}, vocabulary);
  visit(Field{"target_sequence_length", between(0, kPositionsRange.most)}, target_sequence_length);
  visit(Field{"hidden", kHiddenRange, Presence::required}, hidden);
  visit(Field{"encoder_layers", kLayersRange, Presence::required}, encoder_layers);
  visit(Field{"decoder_layers", kLayersRange}, decoder_layers);
  visit(Field{"heads", kHeadsRange, Presence::required}, heads);
  visit(Field{"head_size", kHeadSizeRange}, head_size);
  visit(Field{"mlp_width", kMlpWidthRange, Presence::required}, mlp_width);
  visit(Field{"activation"}, activation);
  visit(Field{"gated_mlp"}, gated_mlp);
  visit(Field{"position_buckets", kBucketsRange}, position_buckets);
  visit(Field{"position_distance", kPositionsRange}, position_distance);
  visit(Field{"norm_epsilon", kEpsilonRange}, norm_epsilon);
  visit(Field{"dropout", kDropoutRange}, dropout);
  visit(Field{"padding_token", between(0, kVocabularyRange.most)}, padding_token);
  visit(Field{"start_token", between(0, kVocabularyRange.most)}, start_token);
  visit(Field{"tied_embeddings"}, tied_embeddings);
}

template <MaybeConst<VitConfig> Object, typename Visit>
void for_each_field(Object& config, Visit visit) {
  auto& [image_height, image_width, patch_height, patch_width, channels, classes, hidden, layers,
         heads, mlp_width, activation, norm_epsilon, initializer_range, hidden_dropout,
         attention_dropout, query_key_value_biases] = config;
  visit(Field{"image_height", kImageRange, Presence::required}, image_height);
  visit(Field{"image_width", kImageRange, Presence::required}, image_width);
  visit(Field{"patch_height", kImageRange, Presence::required}, patch_height);
  visit(Field{"patch_width", kImageRange, Presence::required}, patch_width);
  visit(Field{"channels", kImageRange}, channels);
  visit(Field{"classes", between(2, kVocabularyRange.most), Presence::required}, classes);
  visit(Field{"hidden", kHiddenRange, Presence::required}, hidden);
  visit(Field{"layers", kLayersRange, Presence::required}, layers);
  visit(Field{"heads", kHeadsRange, Presence::required}, heads);
  visit(Field{"mlp_width", kMlpWidthRange}, mlp_width);
  visit(Field{"activation"}, activation);
  visit(Field{"norm_epsilon", kEpsilonRange}, norm_epsilon);
  visit(Field{"initializer_range", kDeviationRange}, initializer_range);
  visit(Field{"hidden_dropout", kDropoutRange}, hidden_dropout);
  visit(Field{"attention_dropout", kDropoutRange}, attention_dropout);
  visit(Field{"query_key_value_biases"}, query_key_value_biases);
}

template <MaybeConst<SwinConfig> Object, typename Visit>
void for_each_field(Object& config, Visit visit) {
  auto& [image_height, image_width, patch_height, patch_width, channels, classes, hidden, depths,
         heads, window, mlp_ratio, activation, norm_epsilon, initializer_range, hidden_dropout,
         attention_dropout, path_dropout, query_key_value_biases] = config;
  visit(Field{"image_height", kImageRange, Presence::required}, image_height);
  visit(Field{"image_width", kImageRange, Presence::required}, image_width);
  visit(Field{"patch_height", kImageRange, Presence::required}, patch_height);
  visit(Field{"patch_width", kImageRange, Presence::required}, patch_width);
  visit(Field{"channels", kImageRange}, channels);
  visit(Field{"classes", between(2, kVocabularyRange.most), Presence::required}, classes);
  visit(Field{"hidden", kHiddenRange, Presence::required}, hidden);
  visit(Field{"depths", kLayersRange, Presence::required}, depths);
  visit(Field{"heads", kHeadsRange, Presence::required}, heads);
  visit(Field{"window", kImageRange, Presence::required}, window);
  visit(Field{"mlp_ratio", kMlpRatioRange}, mlp_ratio);
  visit(Field{"activation"}, activation);
  visit(Field{"norm_epsilon", kEpsilonRange}, norm_epsilon);
  visit(Field{"initializer_range", kDeviationRange}, initializer_range);
  visit(Field{"hidden_dropout", kDropoutRange}, hidden_dropout);
  visit(Field{"attention_dropout", kDropoutRange}, attention_dropout);
  visit(Field{"path_dropout", kDropoutRange}, path_dropout);
  visit(Field{"query_key_value_biases"}, query_key_value_biases);
}

}  // namespace galvatron
