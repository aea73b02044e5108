import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const host = 'http://localhost:5084';

export default defineConfig({
  plugins: [react()],
  // The client is a link to another folder of this repository, which may have a React of its own; two of them in one page do not work.
  resolve: { dedupe: ['react', 'react-dom'] },
  // Styles and scripts come as files of their own, which the host's content security policy asks for.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // `npm run dev` beside `dotnet run`: the page reloads as you type, everything else is the host's.
  server: { proxy: { '/batches': host, '/documents': host, '/progress': host } },
});
