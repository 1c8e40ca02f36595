// A model in our own YAML: a file of its own, and the `model` of a plan.
//
//   family: gpt2                    # or llama, bert, vit, t5, swin; keys: model_fields.h
//   sequence_length: 1024
//   vocabulary: 50257
//   ...
//
// Of a vit the sequence length may be left out: it follows from the sizes of image and patches.
//
// A user's own model has no family but `layers`, one map per type of layer (layer_fields.h), and
// `runs`, which says how many of which type follow one another.
#pragma once

#include "planner/files/reader.h"
#include "planner/files/writer.h"
#include "planner/model/model.h"

namespace galvatron {

// Reads all keys of the map; what is wrong goes into the reader's errors.
Model read_model_yaml(MapReader& reader);

// Writes every key that read_model_yaml reads, so that the same model comes back.
void write_model_yaml(YamlWriter& out, const Model& model);

}  // namespace galvatron
