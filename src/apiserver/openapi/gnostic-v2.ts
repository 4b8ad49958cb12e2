import {
  any,
  bool,
  chosen,
  double,
  encodeMessage,
  integer,
  many,
  nested,
  one,
  pairs,
  text,
  wrapped,
  type Message,
} from './protobuf.ts';

/**
 * `openapi.v2.Document` of gnostic's OpenAPIv2.proto, the form of OpenAPI v2 that kubectl asks for: field numbers
 * of the messages that Kubernetes' document uses.
 */

const schema: Message = {
  fields: {
    $ref: one(1, text),
    format: one(2, text),
    title: one(3, text),
    description: one(4, text),
    default: one(5, any),
    multipleOf: one(6, double),
    maximum: one(7, double),
    exclusiveMaximum: one(8, bool),
    minimum: one(9, double),
    exclusiveMinimum: one(10, bool),
    maxLength: one(11, integer),
    minLength: one(12, integer),
    pattern: one(13, text),
    maxItems: one(14, integer),
    minItems: one(15, integer),
    uniqueItems: one(16, bool),
    maxProperties: one(17, integer),
    minProperties: one(18, integer),
    required: many(19, text),
    enum: many(20, any),
    additionalProperties: one(
      21,
      chosen((value) => (typeof value === 'boolean' ? one(2, bool) : one(1, schemaCodec()))),
    ),
    type: one(22, wrapped(many(1, text))),
    items: one(
      23,
      wrapped(
        many(
          1,
          nested(() => schema),
        ),
      ),
    ),
    properties: one(
      25,
      pairs(
        1,
        nested(() => schema),
      ),
    ),
    example: one(30, any),
  },
  extensions: 31,
};

function schemaCodec(): ReturnType<typeof nested> {
  return nested(() => schema);
}

const bodyParameter: Message = {
  fields: {
    description: one(1, text),
    name: one(2, text),
    in: one(3, text),
    required: one(4, bool),
    schema: one(5, schemaCodec()),
  },
};

const queryParameter: Message = {
  fields: {
    required: one(1, bool),
    in: one(2, text),
    description: one(3, text),
    name: one(4, text),
    type: one(6, text),
    format: one(7, text),
    uniqueItems: one(20, bool),
  },
};

const pathParameter: Message = {
  fields: {
    required: one(1, bool),
    in: one(2, text),
    description: one(3, text),
    name: one(4, text),
    type: one(5, text),
    format: one(6, text),
    uniqueItems: one(19, bool),
  },
};

const nonBodyParameter = chosen((value) =>
  value['in'] === 'path'
    ? one(
        4,
        nested(() => pathParameter),
      )
    : one(
        3,
        nested(() => queryParameter),
      ),
);

const parameter = chosen((value) =>
  value['in'] === 'body'
    ? one(
        1,
        nested(() => bodyParameter),
      )
    : one(2, nonBodyParameter),
);

const parameters = many(8, wrapped(one(1, parameter)));

const response: Message = {
  fields: { description: one(1, text), schema: one(2, wrapped(one(1, schemaCodec()))) },
};

const operation: Message = {
  fields: {
    tags: many(1, text),
    description: one(3, text),
    operationId: one(5, text),
    produces: many(6, text),
    consumes: many(7, text),
    parameters,
    responses: one(
      9,
      pairs(
        1,
        wrapped(
          one(
            1,
            nested(() => response),
          ),
        ),
      ),
    ),
    schemes: many(10, text),
  },
  extensions: 13,
};

const operationCodec = nested(() => operation);

const pathItem: Message = {
  fields: {
    get: one(2, operationCodec),
    put: one(3, operationCodec),
    post: one(4, operationCodec),
    delete: one(5, operationCodec),
    patch: one(8, operationCodec),
    parameters: { ...parameters, number: 9 },
  },
};

const info: Message = { fields: { title: one(1, text), version: one(2, text) } };

const document: Message = {
  fields: {
    swagger: one(1, text),
    info: one(
      2,
      nested(() => info),
    ),
    paths: one(
      8,
      pairs(
        2,
        nested(() => pathItem),
      ),
    ),
    definitions: one(9, pairs(1, schemaCodec())),
  },
};

/** Writes an OpenAPI v2 document, given as JSON, in gnostic's protobuf form. */
export function encodeGnosticV2(json: Readonly<Record<string, unknown>>): Buffer {
  return encodeMessage(document, json);
}
