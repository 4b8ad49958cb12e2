import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { discoveryVersion, negotiate } from './media-type.ts';

describe('negotiate', () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const old = 'application/json;as=Table;v=v1beta1;g=meta.k8s.io';
  const rows: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'json object v1'],
    ['*/*', 'json object v1'],
    ['application/yaml', 'yaml object v1'],
    ['application/vnd.kubernetes.protobuf, application/json', 'json object v1'],
    [`${table},${old},application/json`, 'json table v1'],
    [old, 'json table v1beta1'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'json object v1'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'json metadata v1'],
  ];
  for (const [header, expected] of rows) {
    it(`${header} is ${expected}`, () => {
      const { encoding, view, viewVersion } = negotiate(header);
      assert.equal(`${encoding} ${view} ${viewVersion}`, expected);
    });
  }

  it('refuses when nothing fits', () => {
    assert.throws(() => negotiate('application/vnd.kubernetes.protobuf'), {
      reason: 'NotAcceptable',
      message: 'only the following media types are accepted: application/json, application/yaml',
    });
  });
});

describe('discoveryVersion', () => {
  it('finds aggregated discovery where it comes before plain JSON', () => {
    const v2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const beta = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
    assert.equal(discoveryVersion(`${v2},${beta},application/json`), 'v2');
    assert.equal(discoveryVersion(`${beta},application/json`), 'v2beta1');
    assert.equal(discoveryVersion('application/json, */*'), undefined);
    assert.equal(discoveryVersion(`application/json,${v2}`), undefined);
  });
});
