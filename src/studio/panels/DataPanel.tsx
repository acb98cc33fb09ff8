/** Step 1, Data: the data set, its files, the split and sample images. */
import { Button, FileButton, Group, Stack } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { DataSets } from '../dataset/DataSets.tsx';
import { ImportProgress } from '../dataset/ImportProgress.tsx';
import { ImageSamples } from '../dataset/ImageSamples.tsx';
import { Reports } from '../dataset/Reports.tsx';
import { SplitFields } from '../dataset/SplitFields.tsx';
import { openFiles } from '../files.ts';
import { FieldBlock } from '../parts/fields.tsx';

/** Chooses a folder: Mantine's FileButton has no `webkitdirectory`. */
function FolderButton() {
  return (
    <Button
      variant="default"
      onClick={() => {
        const input = document.createElement('input');
        input.type = 'file';
        input.webkitdirectory = true;
        input.onchange = () => {
          const files = [...(input.files ?? [])];
          if (files.length > 0) void openFiles(files);
        };
        input.click();
      }}
    >
      Choose a folder
    </Button>
  );
}

export function DataPanel() {
  return (
    <Stack gap="md">
      <DataSets />
      <FieldBlock
        label="Files"
        hint="CIFAR-10 and CIFAR-100 shards, archives as downloaded, or folders of them. They stay in this browser."
      >
        <Group gap="xs" my={4}>
          <FileButton onChange={(files) => files.length > 0 && void openFiles(files)} multiple>
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconUpload size={14} />}>
                Choose files
              </Button>
            )}
          </FileButton>
          <FolderButton />
        </Group>
      </FieldBlock>
      <ImportProgress />
      <Reports />
      <SplitFields />
      <ImageSamples />
    </Stack>
  );
}
