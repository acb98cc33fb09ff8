/** The button that imports a masks.json with its weights. */
import { Button, FileButton } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { openFiles } from '../files.ts';

export function ImportMasks() {
  return (
    <FileButton
      multiple
      accept=".json,.safetensors,.pt,.pth,.tar,.t7,.ckpt,.zip"
      onChange={(files) => files.length > 0 && void openFiles(files)}
    >
      {(props) => (
        <Button {...props} variant="default" leftSection={<IconUpload size={15} />}>
          Import masks
        </Button>
      )}
    </FileButton>
  );
}
